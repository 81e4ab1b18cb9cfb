/** kam_tag_find__c : the tags of one record. inputData: objectApiName, dataId. */
Map given = inputData as Map
def (Boolean error, Object data, String message) =
    Fx.tag.findTagById(given["objectApiName"] as String, given["dataId"] as String)
return ["isError": error, "data": error ? [] : data, "message": error ? message : ""]

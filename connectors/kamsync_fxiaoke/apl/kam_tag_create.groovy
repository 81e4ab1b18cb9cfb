/** kam_tag_create__c : make a tag; kamsync itself never calls it. inputData: groupId, tagName, tagApiName, description. */
Map given = inputData as Map
def (Boolean error, Object data, String message) = Fx.tag.createTag(
    given["groupId"] as String,
    given["tagName"] as String,
    given["tagApiName"] as String,
    (given["description"] ?: "") as String
)
return ["isError": error, "data": data, "message": error ? message : ""]
